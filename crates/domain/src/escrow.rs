//! Escrow arithmetic: see the module's owner.
