//! The sixteen terminal colours, the only ones a page distinguishes.

/// A colour by number: eight normal ones, then the same eight brighter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(u8);

/// Red, green and blue of the sixteen, as terminals commonly define them.
const SIXTEEN: [[u8; 3]; 16] = [
    [0, 0, 0],
    [205, 0, 0],
    [0, 205, 0],
    [205, 205, 0],
    [0, 0, 238],
    [205, 0, 205],
    [0, 205, 205],
    [229, 229, 229],
    [127, 127, 127],
    [255, 0, 0],
    [0, 255, 0],
    [255, 255, 0],
    [92, 92, 255],
    [255, 0, 255],
    [0, 255, 255],
    [255, 255, 255],
];

impl Colour {
    /// One of the sixteen; `None` for a larger number.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        if number < 16 {
            Some(Self(number))
        } else {
            None
        }
    }

    /// Number of the colour, from 0 to 15.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The nearest colour to one of a terminal's 256.
    pub(super) fn of_256(number: u8) -> Self {
        match number {
            0..=15 => Self(number),
            16..=231 => {
                let cube = number - 16;
                let level = |step: u8| if step == 0 { 0 } else { 55 + step * 40 };
                Self::nearest([level(cube / 36), level(cube / 6 % 6), level(cube % 6)])
            }
            232..=255 => {
                let grey = 8 + (number - 232) * 10;
                Self::nearest([grey, grey, grey])
            }
        }
    }

    /// The nearest colour to an RGB value.
    pub(super) fn nearest(wanted: [u8; 3]) -> Self {
        let distance = |known: &[u8; 3]| -> u32 {
            let parts = known.iter().zip(wanted);
            parts
                .map(|(known, wanted)| u32::from(known.abs_diff(wanted)).pow(2))
                .sum()
        };
        let nearest = (0_u8..)
            .zip(&SIXTEEN)
            .min_by_key(|(_, known)| distance(known));
        Self(nearest.map_or(7, |(number, _)| number))
    }
}
