# SPDX-License-Identifier: Apache-2.0
# pico_hsm-rp2040 or pico_hsm-rp2350: .elf, .bin and .uf2 in the build folder. Our main is a library of its own, so that our
# warnings are for our code only.
add_library(firmware_rp2 OBJECT ${CMAKE_CURRENT_LIST_DIR}/firmware_rp2.c)
target_link_libraries(firmware_rp2 PRIVATE board_rp2 card house_warnings)

set(name pico_hsm-${PICO_HSM_CHIP})
add_executable(${name} $<TARGET_OBJECTS:firmware_rp2>)
set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
target_link_libraries(${name} PRIVATE board_rp2 card rp2_sdk)
pico_set_program_name(${name} "Pico HSM")
pico_set_program_version(${name} "${PROJECT_VERSION}")
pico_set_float_implementation(${name} none)
pico_set_double_implementation(${name} none)
pico_set_printf_implementation(${name} none)
pico_add_bin_output(${name})
add_custom_command(TARGET ${name} POST_BUILD VERBATIM
    COMMAND ${PROJECT_SOURCE_DIR}/tools/bin2uf2 ${PICO_HSM_CHIP} ${name}.bin ${name}.uf2
    COMMAND ${PROJECT_SOURCE_DIR}/tools/firmware_size ${name}.elf ${PROJECT_SOURCE_DIR}/boards/rp2/hot_code.txt
    WORKING_DIRECTORY ${CMAKE_BINARY_DIR})
include(${PROJECT_SOURCE_DIR}/cmake/signed_image.cmake)
signed_image(${name})
