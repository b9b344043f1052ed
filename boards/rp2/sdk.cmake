# SPDX-License-Identifier: Apache-2.0
# Finds the Raspberry Pi Pico SDK, which chooses the compiler; included before project().

if(NOT DEFINED PICO_SDK_PATH AND DEFINED ENV{PICO_SDK_PATH})
    set(PICO_SDK_PATH $ENV{PICO_SDK_PATH})
endif()
if(NOT DEFINED PICO_SDK_PATH)
    set(PICO_SDK_PATH ${CMAKE_CURRENT_LIST_DIR}/../../build/deps/pico-sdk-2.1.1/pico-sdk)
endif()
if(NOT EXISTS ${PICO_SDK_PATH}/pico_sdk_init.cmake)
    message(FATAL_ERROR "No Pico SDK in ${PICO_SDK_PATH}.\nRun: tools/fetch_pico_sdk\nor: cmake -DPICO_SDK_PATH=...")
endif()

# The SDK compiles one C++ file and links with g++. What little it needs of the C++ library is here, so that nobody has
# to install the 1.5 GB of it. By environment: CMAKE_CXX_FLAGS would replace what the SDK says about the CPU.
set(CXX_STUB_LIBRARY ${CMAKE_BINARY_DIR}/cxx)
if(NOT EXISTS ${CXX_STUB_LIBRARY}/libstdc++.a)
    file(MAKE_DIRECTORY ${CXX_STUB_LIBRARY})
    file(WRITE ${CXX_STUB_LIBRARY}/libstdc++.a "!<arch>\n") # an archive of nothing
endif()
set(ENV{CXXFLAGS} "$ENV{CXXFLAGS} -nostdinc++ -isystem ${CMAKE_CURRENT_LIST_DIR}/cxx")
set(ENV{LDFLAGS} "$ENV{LDFLAGS} -L${CXX_STUB_LIBRARY}")

set(PICO_NO_PICOTOOL 1) # tools/bin2uf2 makes the UF2; docs/secure-boot.md signs
include(${PICO_SDK_PATH}/pico_sdk_init.cmake)

# The first MiB of flash is the firmware's, the rest the card's; the linker refuses an image that needs more.
set(PICO_HSM_CODE_REGION 1048576)
set(PICO_HSM_HOT_CODE ${CMAKE_CURRENT_LIST_DIR}/hot_code.txt)

if(PICO_PLATFORM STREQUAL "rp2040")
    set(PICO_HSM_CHIP rp2040)
else()
    set(PICO_HSM_CHIP rp2350)
endif()

# The same sources make the same image, wherever and whenever: no paths, and the date of the commit.
if(NOT DEFINED ENV{SOURCE_DATE_EPOCH})
    execute_process(COMMAND git log -1 --format=%ct WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
        OUTPUT_VARIABLE commit_time OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(commit_time MATCHES "^[0-9]+$")
        set(ENV{SOURCE_DATE_EPOCH} ${commit_time})
    else()
        set(ENV{SOURCE_DATE_EPOCH} 0) # a release without its history
    endif()
endif()
string(TIMESTAMP PICO_HSM_DATE "%Y-%m-%d" UTC)

# Call after project(): what the SDK is told, and its libraries.
macro(pico_hsm_sdk)
    set(PICO_FLASH_SIZE_BYTES ${PICO_HSM_CODE_REGION}) # what the linker may use
    add_compile_options(-ffunction-sections -fdata-sections -Werror=date-time -ffile-prefix-map=${CMAKE_BINARY_DIR}=build
        -ffile-prefix-map=${PICO_SDK_PATH}=pico-sdk -ffile-prefix-map=${WOLFSSL_SOURCE_DIR}=wolfssl
        -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)
    add_compile_definitions(
        PICO_USE_FASTEST_SUPPORTED_CLOCK=1       # RP2040 200 MHz, RP2350 150 MHz
        PICO_XOSC_STARTUP_DELAY_MULTIPLIER=64    # one image for all boards, slow crystals included
        PICO_FLASH_SIZE_BYTES=16777216           # what the SDK lets us write; how large the chip is, it is asked itself
        PICO_STACK_SIZE=0x1000                   # it goes on into RAM, where nothing but it grows
        PICO_HEAP_SIZE=16) # nobody allocates; zero makes the assembler complain
    add_subdirectory(${PICO_SDK_PATH} pico-sdk EXCLUDE_FROM_ALL SYSTEM)
endmacro()
