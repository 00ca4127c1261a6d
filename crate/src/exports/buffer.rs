//! Makes slices from the addresses in a descriptor, and checks the addresses.

use crate::descriptors::{Floats, FloatsMut, Ints, IntsMut, Optional};
use core::arch::wasm32::memory_size;

/// The largest size of a slice: Rust's pointers into one object are at most `isize::MAX` bytes
/// apart.
const MAX_SLICE_BYTES: u64 = isize::MAX as u64;

/// The buffer that a field must point to, with the names for error messages.
pub struct Place {
    /// Type name of the descriptor, with its path.
    pub descriptor: &'static str,
    pub field: &'static str,
    /// Elements of four bytes.
    pub length: u64,
}

/// Reads the descriptor at a byte address.
///
/// # Safety
/// Nothing writes to the descriptor during the lifetime of the reference. (Every bit pattern is a
/// valid descriptor: all fields are numbers of four bytes.)
#[track_caller]
pub unsafe fn descriptor<'call, Descriptor>(address: u32) -> &'call Descriptor {
    let place = Place { descriptor: core::any::type_name::<Descriptor>(), field: "descriptor", length: size_of::<Descriptor>() as u64 / 4 };
    check(address, &place);
    // SAFETY: the address is in bounds and aligned, and the caller guarantees that nothing writes.
    unsafe { &*(address as usize as *const Descriptor) }
}

/// An address from which a slice can be made.
pub trait Borrow {
    type Slice;
    /// # Safety
    /// The elements stay borrowed, in Rust's sense, for the lifetime of the slice.
    #[track_caller]
    unsafe fn borrow(self, place: Place) -> Self::Slice;
    /// Whether the buffer is present.
    fn is_present(&self) -> bool;
}

macro_rules! borrow {
    ($Address:ident, $Slice:ty, $pointer:ty, $from_raw_parts:path) => {
        impl Borrow for $Address {
            type Slice = $Slice;
            #[inline]
            #[track_caller]
            unsafe fn borrow(self, place: Place) -> Self::Slice {
                check(self.0, &place);
                // SAFETY: the elements are in bounds and aligned, the slice is not too long, every
                // bit pattern is an element, and the caller borrows the elements.
                unsafe { $from_raw_parts(self.0 as usize as $pointer, place.length as usize) }
            }
            #[inline]
            fn is_present(&self) -> bool {
                self.0 != 0
            }
        }
    };
}

borrow!(Floats, &'static [f32], *const f32, core::slice::from_raw_parts);
borrow!(FloatsMut, &'static mut [f32], *mut f32, core::slice::from_raw_parts_mut);
borrow!(Ints, &'static [i32], *const i32, core::slice::from_raw_parts);
borrow!(IntsMut, &'static mut [i32], *mut i32, core::slice::from_raw_parts_mut);

impl<Address: Borrow + Copy> Borrow for Optional<Address> {
    type Slice = Option<Address::Slice>;
    #[inline]
    #[track_caller]
    unsafe fn borrow(self, place: Place) -> Self::Slice {
        // SAFETY: the caller guarantees it.
        if self.is_present() { Some(unsafe { self.0.borrow(place) }) } else { None }
    }
    #[inline]
    fn is_present(&self) -> bool {
        self.0.is_present()
    }
}

/// Splits a workspace into its first `floats` floats, and integers after them.
pub fn floats_and_integers(workspace: &mut [f32], floats: usize) -> (&mut [f32], &mut [u32]) {
    let (floats, integers) = workspace.split_at_mut(floats);
    // SAFETY: these are the same four-byte elements, borrowed once, and every bit pattern is an
    // integer.
    let integers = unsafe { core::slice::from_raw_parts_mut(integers.as_mut_ptr().cast(), integers.len()) };
    (floats, integers)
}

#[inline]
#[track_caller]
fn check(address: u32, place: &Place) {
    let memory_bytes = memory_size(0) as u64 * 65_536;
    let bytes = place.length.saturating_mul(4);
    let end = bytes.saturating_add(u64::from(address));
    if address == 0 || !address.is_multiple_of(4) || bytes > MAX_SLICE_BYTES || end > memory_bytes {
        refuse(address, place, memory_bytes);
    }
}

#[cold]
#[inline(never)]
#[track_caller]
fn refuse(address: u32, place: &Place, memory_bytes: u64) -> ! {
    let Place { descriptor, field, length } = place;
    // Not `rsplit`, which adds 2 kB to the modules: the search for strings, and the messages of
    // `str`.
    let name = descriptor.bytes().rposition(|byte| byte == b':').map_or(0, |colon| colon + 1);
    let kernel = descriptor.get(name..).unwrap_or(descriptor);
    match address {
        0 => panic!("{kernel}: {field} is absent, expected {length} elements"),
        _ if !address.is_multiple_of(4) => panic!("{kernel}: {field} at address {address} is not a multiple of 4"),
        _ if length.saturating_mul(4) > MAX_SLICE_BYTES => {
            panic!("{kernel}: {field} with {length} elements is longer than {MAX_SLICE_BYTES} bytes")
        }
        _ => panic!("{kernel}: {field} at address {address} with {length} elements ends beyond the memory of {memory_bytes} bytes"),
    }
}
