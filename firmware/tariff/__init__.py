"""What is billed when: calendar, demand, and billing dates."""
