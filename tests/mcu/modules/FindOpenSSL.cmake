# SPDX-License-Identifier: Apache-2.0
# Not on a bare core: tests/mcu/CMakeLists.txt made the targets that stand in for it.
set(OpenSSL_FOUND TRUE)
