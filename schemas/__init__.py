"""The shared vocabulary: identifiers, envelope, sections, event types, errors. Imports nothing of ours."""
