//! The functions that TypeScript calls. Each takes the byte address of a descriptor and returns 0.
//!
//! An export only makes slices from addresses and calls a safe kernel. To add one, write in the
//! file of its subject:
//!
//! ```ignore
//! export! {
//!     fn dense_forward(d: DenseForward) {
//!         let workspace = dense::workspace_length(d.rows, d.features, d.units);
//!         dense::forward::<F32x4>(
//!             buffer!(d.x[d.rows, d.features]),       // Optional<Floats>: Option<&[f32]>
//!             buffer!(d.kernel[d.features, d.units]), // Floats: &[f32]
//!             buffer!(d.y[d.rows, d.units]),          // FloatsMut: &mut [f32]
//!             buffer!(d.workspace[workspace]),
//!         );
//!     }
//! }
//! export_workspace! {
//!     fn dense_forward_workspace(d: DenseForward) -> usize {
//!         dense::workspace_length(d.rows, d.features, d.units)
//!     }
//! }
//! ```
//!
//! The name is that of the descriptor in snake case, by which `ts/backend/kernels.generated.ts`
//! finds it. Every descriptor with a `workspace` has a workspace export. Of an optional buffer,
//! that export may read only whether it is present (`is_present`).
//!
//! Unsafe code is only in this folder and in `lanes`. TypeScript guarantees that a buffer that is
//! written overlaps no other buffer of its descriptor, and that nothing else reads or writes the
//! memory during a call (the module has one thread). The functions here check addresses, lengths
//! and alignment.

/// Defines the exported function of a kernel. Its body can read the descriptor.
macro_rules! export {
    ($(#[$attribute:meta])* fn $name:ident($descriptor:ident: $Descriptor:ident) $body:block) => {
        $(#[$attribute])*
        #[wasm_bindgen::prelude::wasm_bindgen]
        pub fn $name(descriptor: u32) -> u32 {
            // SAFETY: TypeScript does not write to the descriptor during the call, and `descriptor`
            // checks the address.
            let $descriptor: &$Descriptor = unsafe { crate::exports::buffer::descriptor(descriptor) };
            $body;
            0
        }
    };
}

/// Defines the exported function that returns the floats of workspace that a kernel needs.
macro_rules! export_workspace {
    ($(#[$attribute:meta])* fn $name:ident($descriptor:ident: $Descriptor:ident) -> usize $body:block) => {
        $(#[$attribute])*
        #[wasm_bindgen::prelude::wasm_bindgen]
        pub fn $name(descriptor: u32) -> u32 {
            // SAFETY: TypeScript does not write to the descriptor during the call, and `descriptor`
            // checks the address.
            let $descriptor: &$Descriptor = unsafe { crate::exports::buffer::descriptor(descriptor) };
            let floats: usize = $body;
            // `usize` has 32 bits here.
            floats as u32
        }
    };
}

/// `buffer!(d.field[size, …])`: the slice of `size * …` elements to which a descriptor's field
/// points.
///
/// `&[f32]`, `&mut [f32]`, `&[i32]` or `&mut [i32]` by the field's type; an `Option` of it for
/// `Optional` fields. Panics, naming kernel and field, when the address is 0, not aligned, or the
/// slice ends beyond the memory.
macro_rules! buffer {
    ($descriptor:ident.$field:ident[$($size:expr),+ $(,)?]) => {{
        let place = crate::exports::buffer::Place {
            descriptor: core::any::type_name_of_val($descriptor),
            field: stringify!($field),
            length: [$(u64::try_from($size).unwrap_or(u64::MAX)),+].into_iter().fold(1, u64::saturating_mul),
        };
        // SAFETY: the buffers of a call do not overlap, which TypeScript guarantees, and `borrow`
        // checks the address.
        unsafe { crate::exports::buffer::Borrow::borrow($descriptor.$field, place) }
    }};
}

/// `workspace!(d.workspace[floats; integers])`: the workspace of kernels that also need integers,
/// `(&mut [f32], &mut [u32])`. Their workspace export returns `floats + integers`.
macro_rules! workspace {
    ($descriptor:ident.$field:ident[$floats:expr; $integers:expr]) => {{
        let floats: usize = $floats;
        let whole = buffer!($descriptor.$field[floats + $integers]);
        crate::exports::buffer::floats_and_integers(whole, floats)
    }};
}

// After the macros, because only the modules below them can use them.
mod allocator;
#[macro_use]
mod arguments;
mod buffer;
#[cfg(not(feature = "quantised"))]
mod floats;
mod panic;
#[cfg(feature = "quantised")]
mod quantised;
