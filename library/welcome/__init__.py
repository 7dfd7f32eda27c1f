"""The first pages of an installation: where everybody arrives, the wizard of an empty one, the demo province."""
