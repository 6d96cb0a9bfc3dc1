/* A product, and for each number the product of all others: those before it, and those after. */
#define N 2500

void gradient(const double *x, double *out)
{
    double *slope = out + 1;
    double before = 1.0, after = 1.0;
    for (int i = 0; i < N; i++) {
        slope[i] = before;
        before *= x[i];
    }
    out[0] = before;
    for (int i = N - 1; i >= 0; i--) {
        slope[i] *= after;
        after *= x[i];
    }
}
