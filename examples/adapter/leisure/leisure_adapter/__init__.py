"""An adapter of the Interagency Hub: leisure."""
