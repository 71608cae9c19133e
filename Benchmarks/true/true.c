// A program that ends with 0 at once: what containers run where only the start is measured.
int main(void) { return 0; }
