/* A mixture of Gaussians. For each point the shares of the Gaussians are all that the reverse pass
   needs: slopes by height, mean and triangle follow from y = L (x - mean) and L' y. */
#include <math.h>
#define K 4
#define D 3
#define POINTS 200

void gradient(const double *in, double *out)
{
    const double *shares = in, *means = shares + K, *scales = means + K * D;
    const double *shears = scales + K * D, *points = shears + K * D;
    double *share_slope = out + 1, *mean_slope = share_slope + K, *scale_slope = mean_slope + K * D;
    double *shear_slope = scale_slope + K * D;
    double height[K], diagonal[K][D], penalty = 0.0;
    for (int k = 0; k < K; k++) {
        height[k] = shares[k];
        for (int d = 0; d < D; d++) {
            height[k] += scales[k * D + d];
            diagonal[k][d] = exp(scales[k * D + d]);
            penalty += diagonal[k][d] * diagonal[k][d] + shears[k * D + d] * shears[k * D + d];
        }
    }
    double weight[K] = {0}, mean_bar[K][D] = {{0}}, diagonal_bar[K][D] = {{0}}, shear_bar[K][D] = {{0}};
    double total = 0.0;
    for (int i = 0; i < POINTS; i++) {
        const double *x = points + i * D;
        double away[K][D], y[K][D], term[K], top = -INFINITY, sum = 0.0;
        for (int k = 0; k < K; k++) {
            const double *l = shears + k * D;
            for (int d = 0; d < D; d++)
                away[k][d] = x[d] - means[k * D + d];
            y[k][0] = diagonal[k][0] * away[k][0];
            y[k][1] = l[0] * away[k][0] + diagonal[k][1] * away[k][1];
            y[k][2] = l[1] * away[k][0] + l[2] * away[k][1] + diagonal[k][2] * away[k][2];
            term[k] = height[k]
                - 0.5 * (y[k][0] * y[k][0] + y[k][1] * y[k][1] + y[k][2] * y[k][2]);
            top = term[k] > top ? term[k] : top;
        }
        for (int k = 0; k < K; k++) {
            term[k] = exp(term[k] - top);
            sum += term[k];
        }
        total += top + log(sum);
        double share = 1.0 / sum;
        for (int k = 0; k < K; k++) {
            const double *l = shears + k * D;
            double p = term[k] * share;
            double a = p * y[k][0], b = p * y[k][1], c = p * y[k][2]; /* less the slopes by y */
            weight[k] += p;
            diagonal_bar[k][0] -= a * away[k][0];
            diagonal_bar[k][1] -= b * away[k][1];
            diagonal_bar[k][2] -= c * away[k][2];
            shear_bar[k][0] -= b * away[k][0];
            shear_bar[k][1] -= c * away[k][0];
            shear_bar[k][2] -= c * away[k][1];
            mean_bar[k][0] += a * diagonal[k][0] + b * l[0] + c * l[1];
            mean_bar[k][1] += b * diagonal[k][1] + c * l[2];
            mean_bar[k][2] += c * diagonal[k][2];
        }
    }
    double top = shares[0], sum = 0.0, part[K];
    for (int k = 1; k < K; k++)
        top = shares[k] > top ? shares[k] : top;
    for (int k = 0; k < K; k++) {
        part[k] = exp(shares[k] - top);
        sum += part[k];
    }
    out[0] = total - POINTS * (top + log(sum)) - 0.5 * penalty;
    for (int k = 0; k < K; k++) {
        share_slope[k] = weight[k] - POINTS * part[k] / sum;
        for (int d = 0; d < D; d++) {
            double e = diagonal[k][d];
            mean_slope[k * D + d] = mean_bar[k][d];
            scale_slope[k * D + d] = weight[k] + (diagonal_bar[k][d] - e) * e;
            shear_slope[k * D + d] = shear_bar[k][d] - shears[k * D + d];
        }
    }
}
