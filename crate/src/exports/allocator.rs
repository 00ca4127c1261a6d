//! The module's heap: a few static kilobytes, used only for the text of a panic and released by the
//! panic hook.
//!
//! Kernels allocate nothing, and this makes it so: all memory is TypeScript's, Rust never grows it,
//! and a kernel that allocates more than a message's worth fails loudly. The standard library
//! formats a panic's message into a `String` that nobody frees when the panic ends in a trap;
//! releasing everything in the hook keeps thousands of panics from leaking.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::{Cell, UnsafeCell};

const CAPACITY: usize = 8192;

#[repr(C, align(16))]
struct PanicHeap {
    bytes: UnsafeCell<[u8; CAPACITY]>,
    used: Cell<usize>,
}

// SAFETY: the module has one thread.
unsafe impl Sync for PanicHeap {}

#[global_allocator]
static HEAP: PanicHeap = PanicHeap { bytes: UnsafeCell::new([0; CAPACITY]), used: Cell::new(0) };

// SAFETY: blocks are handed out from the front, aligned and never twice between two calls of
// `release_all`.
unsafe impl GlobalAlloc for PanicHeap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let base = self.bytes.get() as usize;
        let start = (base + self.used.get()).next_multiple_of(layout.align()) - base;
        match start.checked_add(layout.size()) {
            Some(end) if end <= CAPACITY => {
                self.used.set(end);
                (base + start) as *mut u8
            }
            _ => core::ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&self, _block: *mut u8, _layout: Layout) {}
}

/// Takes back every block. Only the panic hook may call this: what was allocated is about to be
/// abandoned in a trap.
pub fn release_all() {
    HEAP.used.set(0);
}
