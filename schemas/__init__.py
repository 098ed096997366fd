"""The shared vocabulary: identifiers, envelope, sections, event types and errors."""
