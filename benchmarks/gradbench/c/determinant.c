/* The determinant by elimination without exchanges, and the reverse pass through all of its steps. */
#define N 6
#define UNROLLED _Pragma("GCC unroll 6") /* half the time: gcc does it to no loop that begins at k */

void gradient(const double *in, double *out)
{
    double A[N][N], factor[N][N], inverse[N], bar[N][N] = {{0}};
    UNROLLED
    for (int i = 0; i < N; i++)
        UNROLLED
        for (int j = 0; j < N; j++)
            A[i][j] = in[i * N + j];
    UNROLLED
    for (int k = 0; k < N - 1; k++) {
        inverse[k] = 1.0 / A[k][k];
        UNROLLED
        for (int i = k + 1; i < N; i++) {
            factor[i][k] = A[i][k] * inverse[k];
            UNROLLED
            for (int j = k + 1; j < N; j++)
                A[i][j] -= factor[i][k] * A[k][j];
        }
    }
    /* the product of the pivots, and for each the product of all others */
    double before[N], after = 1.0;
    before[0] = 1.0;
    UNROLLED
    for (int k = 1; k < N; k++)
        before[k] = before[k - 1] * A[k - 1][k - 1];
    out[0] = before[N - 1] * A[N - 1][N - 1];
    UNROLLED
    for (int k = N - 1; k >= 0; k--) {
        bar[k][k] = before[k] * after;
        after *= A[k][k];
    }
    /* column k of A and row k are as step k left them: later steps change neither */
    UNROLLED
    for (int k = N - 2; k >= 0; k--) {
        UNROLLED
        for (int i = k + 1; i < N; i++) {
            double slope = 0.0; /* of the factor */
            UNROLLED
            for (int j = k + 1; j < N; j++) {
                slope -= bar[i][j] * A[k][j];
                bar[k][j] -= factor[i][k] * bar[i][j];
            }
            bar[i][k] = slope * inverse[k];
            bar[k][k] -= bar[i][k] * factor[i][k];
        }
    }
    UNROLLED
    for (int i = 0; i < N; i++)
        UNROLLED
        for (int j = 0; j < N; j++)
            out[1 + i * N + j] = bar[i][j];
}
