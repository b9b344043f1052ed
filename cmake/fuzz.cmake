# SPDX-License-Identifier: Apache-2.0
# libFuzzer: everything is built to report its edges, and a target is one program that ends in LLVMFuzzerTestOneInput.
if(PICO_HSM_FUZZ)
    if(NOT CMAKE_C_COMPILER_ID MATCHES Clang)
        message(FATAL_ERROR "PICO_HSM_FUZZ needs clang: cmake --preset fuzz")
    endif()
    add_compile_options(-fsanitize=fuzzer-no-link)
    add_link_options(-fsanitize=fuzzer-no-link)
endif()

# All fuzz targets together; `cmake --workflow --preset fuzz` builds this.
add_custom_target(fuzzers)

# add_fuzz_target(NAME SOURCES fuzz_tlv.c LIBS wire): its corpus is the folder corpus/NAME beside it.
function(add_fuzz_target name)
    cmake_parse_arguments(FUZZ "" "" "SOURCES;LIBS" ${ARGN})
    add_executable(${name} ${FUZZ_SOURCES})
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/tests)
    target_compile_options(${name} PRIVATE -Wno-missing-prototypes) # libFuzzer's own names have no header
    target_link_libraries(${name} PRIVATE ${FUZZ_LIBS} house_warnings)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzzers ${name})
endfunction()
