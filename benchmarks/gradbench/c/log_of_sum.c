/* log(sum(exp(x))), shifted by the greatest number, and its gradient: the shares of the sum. */
#include <math.h>
#define N 2500

void gradient(const double *x, double *out)
{
    double *slope = out + 1;
    double top = x[0], sum = 0.0;
    for (int i = 1; i < N; i++)
        top = x[i] > top ? x[i] : top;
    for (int i = 0; i < N; i++) {
        slope[i] = exp(x[i] - top);
        sum += slope[i];
    }
    out[0] = top + log(sum);
    double share = 1.0 / sum;
    for (int i = 0; i < N; i++)
        slope[i] *= share;
}
