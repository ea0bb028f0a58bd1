"""The experience map: what patients were seen and heard to do, think and feel along a journey."""
