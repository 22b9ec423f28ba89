"""What each account posted and how it did, and what that tells about its next post."""
