# SPDX-License-Identifier: Apache-2.0
# A room is one library named after its folder; a test is one program named after its file.

# add_room(NAME SOURCES a.c b.c ROOMS base wire)
function(add_room name)
    cmake_parse_arguments(ROOM "" "" "SOURCES;ROOMS" ${ARGN})
    add_library(${name} STATIC ${ROOM_SOURCES})
    target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(${name} PUBLIC ${ROOM_ROOMS} PRIVATE house_warnings)
endfunction()

# add_unit_test(NAME SOURCES test_tlv.c LIBS wire): a cmocka program that ctest runs with a time limit.
function(add_unit_test name)
    cmake_parse_arguments(TEST "" "TIMEOUT" "SOURCES;LIBS" ${ARGN})
    if(NOT TEST_TIMEOUT)
        set(TEST_TIMEOUT 300) # minutes of it are for a machine that has other work
    endif()
    add_executable(${name} ${TEST_SOURCES})
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/tests)
    target_link_libraries(${name} PRIVATE ${TEST_LIBS} cmocka house_warnings)
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES TIMEOUT ${TEST_TIMEOUT})
endfunction()
