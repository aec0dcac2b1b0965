//! Laws of the river that hold for every tape.
