"""What annotation answers when it is asked, by noun."""
