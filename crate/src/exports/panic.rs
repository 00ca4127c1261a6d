//! Keeps the text of the last panic where TypeScript can read it, then lets the panic end in a
//! trap.
//!
//! After the trap TypeScript restores the stack pointer and throws a `KernelPanicError` with this
//! text.

use super::allocator;
use core::cell::UnsafeCell;
use core::fmt::{self, Write};
use std::panic::PanicHookInfo;
use wasm_bindgen::prelude::wasm_bindgen;

const CAPACITY: usize = 1024;

struct Message {
    length: usize,
    bytes: [u8; CAPACITY],
}

struct MessageCell(UnsafeCell<Message>);

// SAFETY: the module has one thread.
unsafe impl Sync for MessageCell {}

static MESSAGE: MessageCell = MessageCell(UnsafeCell::new(Message { length: 0, bytes: [0; CAPACITY] }));

impl Write for Message {
    /// Appends what fits; the rest of a long message is dropped.
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let count = text.len().min(CAPACITY - self.length);
        self.bytes[self.length..][..count].copy_from_slice(&text.as_bytes()[..count]);
        self.length += count;
        Ok(())
    }
}

/// Makes panics leave their message. Called once, before any kernel.
#[wasm_bindgen]
pub fn install_panic_hook() {
    std::panic::set_hook(Box::new(record));
}

/// `text (file:line)` into the static message.
fn record(panic: &PanicHookInfo<'_>) {
    // SAFETY: one thread, and nothing else holds a reference: the exports below read single fields.
    let message = unsafe { &mut *MESSAGE.0.get() };
    message.length = 0;
    let _ = message.write_str(panic.payload_as_str().unwrap_or("panic without a message"));
    if let Some(location) = panic.location() {
        let _ = write!(message, " ({}:{})", location.file(), location.line());
    }
    allocator::release_all();
}

/// Address of the UTF-8 text of the last panic.
#[wasm_bindgen]
pub fn panic_message_address() -> u32 {
    // SAFETY: only an address is taken.
    (unsafe { &raw const (*MESSAGE.0.get()).bytes }) as u32
}

/// Bytes of the text of the last panic; 0 when there was none since `clear_panic_message`.
#[wasm_bindgen]
pub fn panic_message_length() -> u32 {
    // SAFETY: one thread, and no reference is alive between calls.
    unsafe { (*MESSAGE.0.get()).length as u32 }
}

/// Forgets the last panic, so that a trap without a panic does not show an older message.
#[wasm_bindgen]
pub fn clear_panic_message() {
    // SAFETY: one thread, and no reference is alive between calls.
    unsafe { (*MESSAGE.0.get()).length = 0 }
}
