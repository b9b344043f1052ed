# SPDX-License-Identifier: Apache-2.0
# Debian's gcc for a Cortex-M0+, the smallest core we serve; for the card's size, not for an image that boots.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR armv6-m)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_ASM_COMPILER arm-none-eabi-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)

set(M0_FLAGS "-mcpu=cortex-m0plus -mthumb -mfloat-abi=soft -ffunction-sections -fdata-sections -fno-common --specs=nano.specs")
set(CMAKE_C_FLAGS_INIT "${M0_FLAGS}")
set(CMAKE_ASM_FLAGS_INIT "${M0_FLAGS}")
