/* |A x - b|^2 and its gradient by x: each row of A is read once for its residual, and, while it is
   in the cache, once for what it adds to the gradient. */
#define N 64

void gradient(const double *in, double *out)
{
    const double *x = in, *A = in + N, *b = A + N * N;
    double sum = 0.0, slope[N] = {0};
    for (int i = 0; i < N; i++) {
        const double *row = A + i * N;
        double r = -b[i];
        for (int j = 0; j < N; j++)
            r += row[j] * x[j];
        sum += r * r;
        for (int j = 0; j < N; j++)
            slope[j] += 2.0 * r * row[j];
    }
    out[0] = sum;
    for (int j = 0; j < N; j++)
        out[1 + j] = slope[j];
}
