// A connection that is only tried.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// Connects to an address of 4 or 16 bytes, from `source` (null lets the kernel choose), and closes.
/// With `udp` one empty datagram is sent, and 0 means that something came back.
/// Returns 0, or minus the errno: ECONNREFUSED, ETIMEDOUT when nothing was heard in time.
long lx_try_connect(const uint8_t *address, const uint8_t *source, size_t n, uint16_t port, int udp,
                    int timeout_ms);
