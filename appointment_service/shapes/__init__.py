"""What comes in and goes out over appointment_service's routes."""
