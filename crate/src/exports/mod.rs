//! The functions that TypeScript calls. Each takes the byte address of a descriptor and returns 0.
//!
//! An export only turns addresses into slices and calls a safe kernel. To add one, write in the
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
//! The name is the descriptor's in snake case, which is what `ts/backend/kernels.generated.ts`
//! looks for. A workspace export exists for every descriptor with a `workspace`; it may look at
//! optional buffers only for being there (`is_present`).
//!
//! With the SIMD lanes, this folder is the only place with unsafe code. It relies on what
//! TypeScript promises: the buffers of one descriptor do not overlap where one of them is written,
//! and nothing else touches the memory during a call (the module has one thread). Addresses,
//! lengths and alignment are checked here.

/// Defines the exported function of a kernel from a body that sees the descriptor.
macro_rules! export {
    ($(#[$attribute:meta])* fn $name:ident($descriptor:ident: $Descriptor:ident) $body:block) => {
        $(#[$attribute])*
        #[wasm_bindgen::prelude::wasm_bindgen]
        pub fn $name(descriptor: u32) -> u32 {
            // SAFETY: TypeScript does not write to the descriptor during the call; its place is
            // checked.
            let $descriptor: &$Descriptor = unsafe { crate::exports::buffer::descriptor(descriptor) };
            $body;
            0
        }
    };
}

/// Defines the exported function that tells how many floats of workspace a kernel needs.
macro_rules! export_workspace {
    ($(#[$attribute:meta])* fn $name:ident($descriptor:ident: $Descriptor:ident) -> usize $body:block) => {
        $(#[$attribute])*
        #[wasm_bindgen::prelude::wasm_bindgen]
        pub fn $name(descriptor: u32) -> u32 {
            // SAFETY: TypeScript does not write to the descriptor during the call; its place is
            // checked.
            let $descriptor: &$Descriptor = unsafe { crate::exports::buffer::descriptor(descriptor) };
            let floats: usize = $body;
            // `usize` has 32 bits here.
            floats as u32
        }
    };
}

/// `buffer!(d.field[size, …])`: the slice of `size * …` elements that a descriptor's field points
/// to.
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
        // SAFETY: TypeScript gives buffers that do not overlap for the length of the call; the
        // place is checked.
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

// Below the macros, which modules see only from here on.
mod allocator;
#[macro_use]
mod arguments;
mod buffer;
#[cfg(not(feature = "quantised"))]
mod floats;
mod panic;
#[cfg(feature = "quantised")]
mod quantised;
