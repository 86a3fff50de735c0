"""Attack: ART on compiled gradients and survivors, cell by cell, and the controls."""
