# SPDX-License-Identifier: Apache-2.0
# Secure boot (docs/secure-boot.md): beside the plain image, one that is signed with the builder's own key. The plain one
# stays, since it is what anybody can build again; `tools/check_signature --same-as` compares the two.
set(PICO_HSM_SIGN_KEY "" CACHE STRING "Sign the RP2350 image with this secp256k1 key: a PEM file or a pkcs11: URI; empty: do not")
set(PICO_HSM_ROLLBACK "" CACHE STRING "Rollback version of the signed image, 0..47; empty: none")

# signed_image(TARGET): adds TARGET-signed.bin and TARGET-signed.uf2, made from TARGET.bin in the build folder.
function(signed_image target)
    if(PICO_HSM_SIGN_KEY STREQUAL "")
        return()
    elseif(NOT PICO_HSM_CHIP STREQUAL "rp2350")
        message(FATAL_ERROR "PICO_HSM_SIGN_KEY: only the RP2350 has secure boot")
    endif()
    set(key ${PICO_HSM_SIGN_KEY})
    if(NOT key MATCHES "^pkcs11:")
        get_filename_component(key "${key}" ABSOLUTE BASE_DIR ${PROJECT_SOURCE_DIR})
    endif()
    set(rollback)
    if(NOT PICO_HSM_ROLLBACK STREQUAL "")
        set(rollback --rollback ${PICO_HSM_ROLLBACK})
    endif()
    set(tools ${PROJECT_SOURCE_DIR}/tools)
    add_custom_command(TARGET ${target} POST_BUILD VERBATIM
        COMMAND ${tools}/sign_image ${key} ${target}.bin ${target}-signed.bin
            --version ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR} ${rollback} --limit ${PICO_HSM_CODE_REGION}
        COMMAND ${tools}/bin2uf2 rp2350 ${target}-signed.bin ${target}-signed.uf2
        COMMAND ${tools}/check_signature ${target}-signed.uf2 --same-as ${target}.bin
        WORKING_DIRECTORY ${CMAKE_BINARY_DIR})
endfunction()
