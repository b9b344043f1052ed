# SPDX-License-Identifier: Apache-2.0
# What our own code is compiled with; wolfCrypt is not ours and is not.
add_library(house_warnings INTERFACE)
target_compile_options(house_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wvla -Wstrict-prototypes
    -Wmissing-prototypes -Wundef -Wno-unused-parameter -Werror)
