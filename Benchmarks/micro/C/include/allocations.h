// malloc(3) and its kin of the whole program, counted: this program's definitions come before the C
// library's, whose own are called beneath.
#pragma once

#include <stdint.h>

/// Allocations so far, of all threads.
uint64_t micro_allocations(void);

/// Calls a function: what happens inside is what callgrind counts.
void drydock_micro_measured(void (*run)(void));
