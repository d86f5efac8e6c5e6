//! Parts of pages. Each draws what it is given; none asks the backend.

pub mod address;
pub mod member_card;
pub mod status_line;
pub mod step_list;
pub mod threshold_ring;
