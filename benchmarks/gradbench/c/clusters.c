/* The sum of the squared distances of points from the nearest of some centres. Only the nearest has a
   slope: of equal ones the first. */
#define CENTRES 10
#define POINTS 300
#define D 4

void gradient(const double *in, double *out)
{
    const double *centres = in, *points = in + CENTRES * D;
    double sum = 0.0, slope[CENTRES * D] = {0};
    for (int i = 0; i < POINTS; i++) {
        const double *x = points + i * D;
        double least = 0.0;
        int nearest = 0;
        for (int k = 0; k < CENTRES; k++) {
            double square = 0.0;
            for (int d = 0; d < D; d++) {
                double away = x[d] - centres[k * D + d];
                square += away * away;
            }
            if (k == 0 || square < least) {
                least = square;
                nearest = k;
            }
        }
        sum += least;
        for (int d = 0; d < D; d++)
            slope[nearest * D + d] -= 2.0 * (x[d] - centres[nearest * D + d]);
    }
    out[0] = sum;
    for (int k = 0; k < CENTRES * D; k++)
        out[1 + k] = slope[k];
}
