"""Views: texts and values that pages show. They read no store."""
