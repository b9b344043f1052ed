# SPDX-License-Identifier: Apache-2.0
# What a preset may build into everything, the crypto library included.
option(PICO_HSM_SANITIZE "Stop at the first fault that the address or undefined-behaviour sanitizer sees" OFF)
option(PICO_HSM_COVERAGE "Count executed lines and branches (gcc)" OFF)
option(PICO_HSM_CT "Build tests/ct, which valgrind runs" OFF)
option(PICO_HSM_FUZZ "Build the libFuzzer targets of tests/fuzz (clang)" OFF)

if(PICO_HSM_SANITIZE)
    # `undefined` includes alignment: x86 forgives what a Cortex-M0+ does not.
    add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_compile_options($<$<CONFIG:Debug>:-O1>) # still readable in a debugger, and the power cuts take a third of the time
    add_link_options(-fsanitize=address,undefined)
endif()
if(PICO_HSM_COVERAGE)
    add_compile_options(--coverage -fprofile-update=atomic)
    add_link_options(--coverage)
endif()
