# SPDX-License-Identifier: Apache-2.0
# The library behind src/crypto: wolfCrypt, compiled from the tree that tools/fetch_wolfcrypt unpacks, with the macros
# of boards/<board>/user_settings.h. Always optimised and never instrumented: it is not ours to debug.

set(WOLFSSL_SOURCE_DIR "${PROJECT_SOURCE_DIR}/build/deps/wolfssl-5.9.2" CACHE PATH "wolfSSL source tree")
if(PICO_HSM_BOARD)
    set(PICO_HSM_BOARD_SETTINGS ${PICO_HSM_BOARD} CACHE STRING "Whose user_settings.h configures wolfCrypt: a folder of boards/")
elseif(CMAKE_CROSSCOMPILING)
    set(PICO_HSM_BOARD_SETTINGS rp2 CACHE STRING "Whose user_settings.h configures wolfCrypt: a folder of boards/")
else()
    set(PICO_HSM_BOARD_SETTINGS linux CACHE STRING "Whose user_settings.h configures wolfCrypt: a folder of boards/")
endif()

if(NOT EXISTS "${WOLFSSL_SOURCE_DIR}/wolfcrypt/src/sp_int.c")
    message(FATAL_ERROR "No wolfSSL source tree in ${WOLFSSL_SOURCE_DIR}.\nRun: tools/fetch_wolfcrypt\n"
        "or: tools/fetch_wolfcrypt 5.7.2, then cmake -DWOLFSSL_SOURCE_DIR=build/deps/wolfssl-5.7.2")
endif()
if(NOT EXISTS "${PROJECT_SOURCE_DIR}/boards/${PICO_HSM_BOARD_SETTINGS}/user_settings.h")
    message(FATAL_ERROR "PICO_HSM_BOARD_SETTINGS: there is no boards/${PICO_HSM_BOARD_SETTINGS}/user_settings.h")
endif()

# Each file compiles to nothing where its macro is off.
set(WOLFCRYPT_FILES
    aes chacha chacha20_poly1305 cmac cpuid curve25519 curve448 ecc ed25519 ed448 error fe_448 fe_operations ge_448
    ge_operations hash hmac kdf logging memory misc poly1305 random ripemd rsa sha sha256 sha3 sha512 sp_int sp_c32 sp_c64
    sp_x86_64 wc_port wolfmath)
set(WOLFCRYPT_X86_64_FILES aes_asm aes_gcm_asm aes_xts_asm fe_x25519_asm sha256_asm sha3_asm sha512_asm sp_x86_64_asm)

set(CRYPTO_ON_X86_64 OFF)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$" AND CMAKE_SIZEOF_VOID_P EQUAL 8)
    set(CRYPTO_ON_X86_64 ON)
endif()

list(TRANSFORM WOLFCRYPT_FILES PREPEND "${WOLFSSL_SOURCE_DIR}/wolfcrypt/src/")
list(TRANSFORM WOLFCRYPT_FILES APPEND ".c")
if(CRYPTO_ON_X86_64 AND PICO_HSM_BOARD_SETTINGS STREQUAL "linux")
    list(TRANSFORM WOLFCRYPT_X86_64_FILES PREPEND "${WOLFSSL_SOURCE_DIR}/wolfcrypt/src/")
    list(TRANSFORM WOLFCRYPT_X86_64_FILES APPEND ".S")
    list(APPEND WOLFCRYPT_FILES ${WOLFCRYPT_X86_64_FILES})
endif()

if(CMAKE_CROSSCOMPILING)
    # Compiles in the library's assembler for Cortex-M, sp_armthumb.c and sp_cortexm.c.
    list(APPEND WOLFCRYPT_FILES "${PROJECT_SOURCE_DIR}/src/crypto/base2_sp.c")
    set_property(SOURCE "${PROJECT_SOURCE_DIR}/src/crypto/base2_sp.c" PROPERTY COMPILE_OPTIONS
        -fno-tree-loop-distribute-patterns) # which makes calls of memset out of loops
endif()

add_library(wolfcrypt STATIC EXCLUDE_FROM_ALL ${WOLFCRYPT_FILES})
target_compile_definitions(wolfcrypt PUBLIC WOLFSSL_USER_SETTINGS)
target_include_directories(wolfcrypt SYSTEM PUBLIC
    "${PROJECT_SOURCE_DIR}/boards/${PICO_HSM_BOARD_SETTINGS}" "${WOLFSSL_SOURCE_DIR}")
target_include_directories(wolfcrypt PRIVATE "${PROJECT_SOURCE_DIR}/src")
# In place of what the folder gives every target: no sanitizers, no coverage, no warnings. These come after the build
# type's own flags, so they win; the Thumb assembler needs the frame pointer's register.
set_property(TARGET wolfcrypt PROPERTY COMPILE_OPTIONS
    -O2 -w -fomit-frame-pointer -ffunction-sections -fdata-sections -fno-sanitize=all -fno-lto)
if(CRYPTO_ON_X86_64 AND PICO_HSM_BOARD_SETTINGS STREQUAL "linux")
    # The compiler may use what every x86-64 of the last decade has; more is chosen at run time.
    target_compile_options(wolfcrypt PRIVATE "$<$<COMPILE_LANGUAGE:C>:-maes;-mpclmul;-msse4.1>"
        $<$<COMPILE_LANGUAGE:ASM>:-DWOLFSSL_X86_64_BUILD>)
endif()

if(PICO_HSM_HOT_CODE)
    # Loops that must not wait for flash, and tables that must not be read through its cache.
    add_custom_command(TARGET wolfcrypt POST_BUILD VERBATIM
        COMMAND ${PROJECT_SOURCE_DIR}/tools/firmware_hot $<TARGET_FILE:wolfcrypt> ${PICO_HSM_HOT_CODE})
    set_property(SOURCE "${WOLFSSL_SOURCE_DIR}/wolfcrypt/src/cpuid.c" # the smallest: has the library made anew
        PROPERTY OBJECT_DEPENDS ${PICO_HSM_HOT_CODE} ${PROJECT_SOURCE_DIR}/tools/firmware_hot)
endif()
