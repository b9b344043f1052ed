# SPDX-License-Identifier: Apache-2.0
# Placeholder until the crypto room brings its build of wolfCrypt.
