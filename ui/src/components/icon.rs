//! Small shapes beside words. They never stand for a word: they are hidden from screen readers.

use crate::prelude::*;

/// Which shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// All vaults.
    Vaults,
    /// One more.
    Plus,
    /// Money comes.
    Receive,
    /// Money goes.
    Pay,
    /// Rules.
    Rules,
    /// Settings.
    Gear,
    /// Locked.
    Lock,
    /// Copy.
    Copy,
    /// Fine.
    Check,
    /// Refused.
    Cross,
    /// A danger.
    Warning,
    /// Waits.
    Clock,
    /// Back.
    Back,
    /// A look only.
    Eye,
    /// A file.
    File,
    /// Print.
    Print,
    /// Stop.
    Stop,
    /// A key.
    Key,
    /// A member.
    Person,
    /// Something to know.
    Note,
    /// Try without money.
    Practice,
    /// Come in.
    Join,
    /// Write.
    Pen,
}

impl Shape {
    fn path(self) -> &'static str {
        match self {
            Shape::Vaults => "M4 5h16v14H4zM12 9.2a2.8 2.8 0 1 0 0 5.6a2.8 2.8 0 0 0 0 -5.6M12 12h5",
            Shape::Plus => "M12 5v14M5 12h14",
            Shape::Receive => "M12 4v12M6.5 11l5.5 5.5l5.5 -5.5M5 20.5h14",
            Shape::Pay => "M12 16.5v-12M6.5 10l5.5 -5.5l5.5 5.5M5 20.5h14",
            Shape::Rules => "M12 4v16M7 20h10M4 8h16M4 8l-1.5 5h5l-1.5 -5M18 8l-1.5 5h5l-1.5 -5",
            Shape::Gear => {
                "M4 7h9M17 7h3M4 17h3M11 17h9M15 5a2 2 0 1 0 0 4a2 2 0 0 0 0 -4M9 15a2 2 0 1 0 0 4a2 2 0 0 0 0 -4"
            }
            Shape::Lock => "M6 11h12v9H6zM8.5 11v-3a3.5 3.5 0 0 1 7 0v3",
            Shape::Copy => "M9 9h11v11H9zM5 15H4V4h11v1",
            Shape::Check => "M5 12.5l4.5 4.5l9.5 -10",
            Shape::Cross => "M6 6l12 12M18 6l-12 12",
            Shape::Warning => "M12 4l9 16H3zM12 10v4.5M12 17.2v0.1",
            Shape::Clock => "M12 4a8 8 0 1 0 0 16a8 8 0 0 0 0 -16M12 8v4.2l2.8 1.8",
            Shape::Back => "M14.5 5l-7 7l7 7",
            Shape::Eye => {
                "M3 12c3 -5 6 -6.5 9 -6.5s6 1.5 9 6.5c-3 5 -6 6.5 -9 6.5s-6 -1.5 -9 -6.5M12 9.5a2.5 2.5 0 1 0 0 5a2.5 2.5 0 0 0 0 -5"
            }
            Shape::File => "M6 3.5h8l4 4v13H6zM14 3.5v4h4",
            Shape::Print => "M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z",
            Shape::Stop => "M8.5 4h7l4.5 4.5v7l-4.5 4.5h-7l-4.5 -4.5v-7zM8.5 12h7",
            Shape::Key => "M8 12a3.5 3.5 0 1 0 0 7a3.5 3.5 0 0 0 0 -7M10.5 13l8.5 -8.5M15 8.5l3 3",
            Shape::Person => "M12 4.5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 0 0 0 -7M5 20c0.5 -4 3 -6 7 -6s6.5 2 7 6",
            Shape::Note => "M12 4a8 8 0 1 0 0 16a8 8 0 0 0 0 -16M12 11v5M12 8v0.1",
            Shape::Practice => "M5 4v16M5 5h13l-3 4l3 4H5",
            Shape::Join => "M13 4h6v16h-6M4 12h10M10 8l4 4l-4 4",
            Shape::Pen => "M5 19l1 -4L16.5 4.5l3 3L9 18zM14 7l3 3",
        }
    }
}

/// The shape.
#[component]
pub fn Icon(shape: Shape) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d=shape.path() />
        </svg>
    }
}
