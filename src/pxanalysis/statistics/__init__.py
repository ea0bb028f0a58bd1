"""How it is computed: arrays in, arrays or small frozen records out; knows no journey, no practice, no report."""
