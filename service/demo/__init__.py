"""An invented school and the pictures its invented cameras took."""
