//! Medians, and tables of them.

/// The middle value, or the mean of the two in the middle; 0 of none.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

/// A table as Markdown has it.
pub(crate) struct Table(Vec<Vec<String>>);

impl Table {
    /// A table with these headings and no rows.
    pub(crate) fn new(headings: &[&str]) -> Self {
        Self(vec![headings.iter().map(ToString::to_string).collect()])
    }

    /// Adds a row, which has as many cells as there are headings.
    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.0.push(cells);
    }

    /// Prints it, its columns aligned: words to the left, numbers to the right.
    pub(crate) fn print(&self) {
        let columns = self.0[0].len();
        let width = |column: usize| self.0.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let word = |column: usize| column == 0 || column + 1 == columns;
        for (number, row) in self.0.iter().enumerate() {
            for (column, cell) in row.iter().enumerate() {
                let width = widths[column];
                if word(column) {
                    print!("| {cell:width$} ");
                } else {
                    print!("| {cell:>width$} ");
                }
            }
            println!("|");
            if number == 0 {
                for (column, width) in widths.iter().enumerate() {
                    let (line, end) = ("-".repeat(width + 1), if word(column) { "-" } else { ":" });
                    print!("|{line}{end}");
                }
                println!("|");
            }
        }
    }
}
