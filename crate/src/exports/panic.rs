//! Writes the text of a panic where TypeScript can read it. The panic then ends in a trap.
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
    /// Appends as much of the text as fits. The rest of a long message is dropped.
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let count = text.len().min(CAPACITY - self.length);
        self.bytes[self.length..][..count].copy_from_slice(&text.as_bytes()[..count]);
        self.length += count;
        Ok(())
    }
}

/// Sets the panic hook, which records the message. Called once, before any kernel.
#[wasm_bindgen]
pub fn install_panic_hook() {
    std::panic::set_hook(Box::new(record));
}

/// Writes `text (file:line)` to the static message.
fn record(panic: &PanicHookInfo<'_>) {
    // SAFETY: the module has one thread, and nothing else holds a reference: the exports below read
    // single fields.
    let message = unsafe { &mut *MESSAGE.0.get() };
    message.length = 0;
    let _ = message.write_str(panic.payload_as_str().unwrap_or("panic without a message"));
    if let Some(location) = panic.location() {
        let _ = write!(message, " ({}:{})", location.file(), location.line());
    }
    allocator::release_all();
}

/// The address of the UTF-8 text of the last panic.
#[wasm_bindgen]
pub fn panic_message_address() -> u32 {
    // SAFETY: only an address is taken.
    (unsafe { &raw const (*MESSAGE.0.get()).bytes }) as u32
}

/// The number of bytes in the text of the last panic; 0 if there was none since
/// `clear_panic_message`.
#[wasm_bindgen]
pub fn panic_message_length() -> u32 {
    // SAFETY: the module has one thread, and no reference exists between calls.
    unsafe { (*MESSAGE.0.get()).length as u32 }
}

/// Clears the text, so that a trap without a panic does not show an older message.
#[wasm_bindgen]
pub fn clear_panic_message() {
    // SAFETY: the module has one thread, and no reference exists between calls.
    unsafe { (*MESSAGE.0.get()).length = 0 }
}
