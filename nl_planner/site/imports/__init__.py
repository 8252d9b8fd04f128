"""Foreign files to drafts of a site: one file a format."""
