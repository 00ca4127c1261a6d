//! Views of row-major matrices inside slices.

/// A matrix that is only read.
///
/// It is row-major, and the elements of a row are contiguous. `listed` selects stored rows by
/// number, so rows (the sequences of a valid step, the embeddings of a batch) are gathered without
/// a copy. `transposed` exchanges rows and columns, so no transpose is written to memory.
#[derive(Clone, Copy)]
pub struct Matrix<'a, E> {
    data: &'a [E],
    list: Option<&'a [u32]>,
    stored_rows: usize,
    stored_columns: usize,
    stride: usize,
    transposed: bool,
}

impl<'a, E: Copy> Matrix<'a, E> {
    /// `[rows, columns]`, contiguous.
    pub fn new(data: &'a [E], rows: usize, columns: usize) -> Self {
        Self { data, list: None, stored_rows: rows, stored_columns: columns, stride: columns, transposed: false }
    }

    /// The columns `first..first + count` of a contiguous matrix `[rows, stride]`.
    pub fn columns_of(data: &'a [E], rows: usize, stride: usize, first: usize, count: usize) -> Self {
        debug_assert!(first + count <= stride);
        let data = if rows == 0 { data } else { &data[first..] };
        Self { data, list: None, stored_rows: rows, stored_columns: count, stride, transposed: false }
    }

    /// Row `i` becomes stored row `list[i]`.
    pub fn listed(self, list: &'a [u32]) -> Self {
        debug_assert!(!self.transposed && self.list.is_none());
        Self { stored_rows: list.len(), list: Some(list), ..self }
    }

    /// Listed when there is a list, else unchanged.
    pub fn maybe_listed(self, list: Option<&'a [u32]>) -> Self {
        list.map_or(self, |list| self.listed(list))
    }

    pub fn transposed(self) -> Self {
        Self { transposed: !self.transposed, ..self }
    }

    /// A contiguous column `[K, 1]`, as a row `[1, K]`; `None` for other matrices.
    pub(super) fn as_row(&self) -> Option<Self> {
        let contiguous = self.list.is_none() && !self.transposed && self.stored_columns == 1 && self.stride == 1;
        contiguous.then(|| Self::new(self.data, 1, self.stored_rows))
    }

    /// Whether all elements of one column are in the same set of the first-level cache: the
    /// distance of rows is a multiple of 4 KiB, the size of a way.
    pub(super) fn rows_collide(&self) -> bool {
        !self.transposed && self.list.is_none() && (self.stride * size_of::<E>()).is_multiple_of(4096)
    }

    pub fn is_transposed(&self) -> bool {
        self.transposed
    }

    pub fn rows(&self) -> usize {
        if self.transposed { self.stored_columns } else { self.stored_rows }
    }

    pub fn columns(&self) -> usize {
        if self.transposed { self.stored_rows } else { self.stored_columns }
    }

    /// Elements `first..first + count` of stored row `row`.
    #[inline(always)]
    pub(super) fn stored(&self, row: usize, first: usize, count: usize) -> &'a [E] {
        let row = match self.list {
            Some(list) => list[row] as usize,
            None => row,
        };
        &self.data[row * self.stride + first..][..count]
    }
}

/// A matrix that is written: row-major, the elements of a row are contiguous.
///
/// With a list, row `i` is stored row `list[i]`; the list must not name a row twice.
pub struct MatrixMut<'a, E> {
    data: &'a mut [E],
    list: Option<&'a [u32]>,
    rows: usize,
    columns: usize,
    stride: usize,
}

impl<'a, E: Copy> MatrixMut<'a, E> {
    /// `[rows, columns]`, contiguous.
    pub fn new(data: &'a mut [E], rows: usize, columns: usize) -> Self {
        Self { data, list: None, rows, columns, stride: columns }
    }

    /// The columns `first..first + count` of a contiguous matrix `[rows, stride]`.
    pub fn columns_of(data: &'a mut [E], rows: usize, stride: usize, first: usize, count: usize) -> Self {
        debug_assert!(first + count <= stride);
        let data = if rows == 0 { data } else { &mut data[first..] };
        Self { data, list: None, rows, columns: count, stride }
    }

    /// Row `i` becomes stored row `list[i]`.
    pub fn listed(self, list: &'a [u32]) -> Self {
        Self { rows: list.len(), list: Some(list), ..self }
    }

    /// Listed when there is a list, else unchanged.
    pub fn maybe_listed(self, list: Option<&'a [u32]>) -> Self {
        match list {
            Some(list) => self.listed(list),
            None => self,
        }
    }

    /// The first `count` columns.
    pub(super) fn first_columns(&mut self, count: usize) -> MatrixMut<'_, E> {
        debug_assert!(count <= self.columns);
        MatrixMut { data: &mut *self.data, columns: count, ..*self }
    }

    /// A contiguous column `[M, 1]`, as a row `[1, M]`; `None` for other matrices.
    pub(super) fn as_row(&mut self) -> Option<MatrixMut<'_, E>> {
        let contiguous = self.list.is_none() && self.columns == 1 && self.stride == 1;
        contiguous.then(|| MatrixMut::new(&mut *self.data, 1, self.rows))
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn columns(&self) -> usize {
        self.columns
    }

    #[inline(always)]
    fn start(&self, row: usize) -> usize {
        let row = match self.list {
            Some(list) => list[row] as usize,
            None => row,
        };
        row * self.stride
    }

    /// Elements `first..first + count` of row `row`.
    #[inline(always)]
    pub(super) fn row_mut(&mut self, row: usize, first: usize, count: usize) -> &mut [E] {
        let start = self.start(row) + first;
        &mut self.data[start..][..count]
    }

    /// The rows from `row` on.
    #[inline(always)]
    pub(super) fn rows_mut<const R: usize>(&mut self, row: usize) -> RowsMut<'_, E, R> {
        RowsMut { starts: core::array::from_fn(|r| self.start(row + r)), data: &mut *self.data }
    }
}

/// `R` rows of a matrix that is written, with the offset of each.
pub(super) struct RowsMut<'a, E, const R: usize> {
    data: &'a mut [E],
    starts: [usize; R],
}

impl<E, const R: usize> RowsMut<'_, E, R> {
    /// Elements `first..first + count` of a row.
    #[inline(always)]
    pub(super) fn row(&mut self, row: usize, first: usize, count: usize) -> &mut [E] {
        &mut self.data[self.starts[row] + first..][..count]
    }
}
