//! The module's heap: a few static kilobytes, used only for the text of a panic. The panic hook
//! releases it.
//!
//! Kernels allocate nothing, and this allocator enforces it: TypeScript owns all memory, Rust never
//! grows it, and a kernel that allocates more than the text of a message panics. The standard
//! library formats the message of a panic into a `String`. When the panic ends in a trap, the
//! `String` is never freed. The hook releases all blocks, so that panics do not leak memory.

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

// SAFETY: blocks are allocated one after the other, aligned, and none twice between two calls of
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

/// Frees every block. Only the panic hook may call this, because a trap follows, after which no
/// block is used.
pub fn release_all() {
    HEAP.used.set(0);
}
