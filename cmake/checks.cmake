# SPDX-License-Identifier: Apache-2.0
# Targets that look at what was built rather than build something.
if(CMAKE_CROSSCOMPILING)
    add_custom_target(size-m0
        COMMAND ${PROJECT_SOURCE_DIR}/tools/size_m0 ${CMAKE_BINARY_DIR} ${PROJECT_SOURCE_DIR}
        COMMAND ${PROJECT_SOURCE_DIR}/tools/check_symbols ${CMAKE_BINARY_DIR}
        DEPENDS base crypto wire store card wolfcrypt
        USES_TERMINAL VERBATIM)
else()
    add_custom_target(analyze
        COMMAND ${PROJECT_SOURCE_DIR}/tools/analyze ${CMAKE_BINARY_DIR}
        USES_TERMINAL VERBATIM)
endif()
