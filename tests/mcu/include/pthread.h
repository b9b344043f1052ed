/* SPDX-License-Identifier: Apache-2.0 */
/* A bare core has no threads. The cases that want some are left out (tests/mcu/CMakeLists.txt); this lets the files
 * that they are in compile. */
#ifndef PTHREAD_H
#define PTHREAD_H

#include <errno.h>
#include <sys/types.h> /* newlib has pthread_t there */

static inline int pthread_create(pthread_t *thread, const void *attributes, void *(*run)(void *), void *argument)
{
    return ENOSYS;
}

static inline int pthread_join(pthread_t thread, void **result)
{
    return ENOSYS;
}

#endif
