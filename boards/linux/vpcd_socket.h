/* SPDX-License-Identifier: Apache-2.0 */
/* The TCP cable between link/vpcd and pcscd's virtual reader. The card is the client. */
#ifndef BOARDS_LINUX_VPCD_SOCKET_H
#define BOARDS_LINUX_VPCD_SOCKET_H

#include "boards/linux/complaint.h"
#include "boards/linux/stop.h"
#include "link/vpcd.h"

#define VPCD_ADDRESS_DEFAULT "127.0.0.1:35963"

struct addrinfo;

/* Reads HOST, HOST:PORT or [HOST]:PORT and looks the name up. False: `why` says what is wrong with it.
 * Free the result with freeaddrinfo. */
bool vpcd_socket_resolve(const char *text, struct addrinfo **addresses, struct complaint *why);

/* Connects to the first address that answers. -1: none does, or a signal came. */
int vpcd_socket_connect(const struct addrinfo *addresses, const struct stop *stop);

/* Serves the card until the peer is gone or a signal came, then closes `fd` and resets the card. */
void vpcd_socket_serve(int fd, struct vpcd *link, const struct stop *stop);

#endif
