# SPDX-License-Identifier: Apache-2.0
# Debian's gcc for the CPU that PICO_HSM_MCU names. Assertions stay on. newlib in full, not nano: the tests print with
# %zu and %llu.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_ASM_COMPILER arm-none-eabi-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES PICO_HSM_MCU)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)

set(MCU_FLAGS "-mcpu=${PICO_HSM_MCU} -mthumb -mfloat-abi=soft -O2 -g1 -ffunction-sections -fdata-sections -fno-common")
set(CMAKE_C_FLAGS_INIT "${MCU_FLAGS}")
set(CMAKE_ASM_FLAGS_INIT "${MCU_FLAGS}")
