/* An LSTM, and back through time: gates and states of all steps are kept. */
#include <math.h>
#include <string.h>
#define LAYERS 2
#define WIDTH 16
#define STEPS 10
#define GATES (4 * WIDTH)
#define BOTH (2 * WIDTH)
#define SIZE (GATES * BOTH + GATES)

static double sigmoid(double x)
{
    double e = exp(-fabs(x));
    return (x >= 0.0 ? 1.0 : e) / (1.0 + e);
}

void gradient(const double *in, double *out)
{
    const double *inputs = in + LAYERS * SIZE, *wanted = inputs + STEPS * WIDTH;
    double *slope = out + 1;
    static double read[STEPS][LAYERS][BOTH], gate[STEPS][LAYERS][GATES];
    static double kept[STEPS + 1][LAYERS][WIDTH], shown[STEPS][LAYERS][WIDTH], h[LAYERS][WIDTH];
    static double away[STEPS][WIDTH];
    double total = 0.0;
    memset(h, 0, sizeof h);
    memset(kept[0], 0, sizeof kept[0]);
    for (int t = 0; t < STEPS; t++) {
        const double *x = inputs + t * WIDTH;
        for (int n = 0; n < LAYERS; n++) {
            const double *W = in + n * SIZE, *b = W + GATES * BOTH;
            double *z = gate[t][n];
            memcpy(read[t][n], x, WIDTH * sizeof(double));
            memcpy(read[t][n] + WIDTH, h[n], WIDTH * sizeof(double));
            for (int i = 0; i < GATES; i++) {
                double sum = b[i];
                for (int j = 0; j < BOTH; j++)
                    sum += W[i * BOTH + j] * read[t][n][j];
                z[i] = i < 3 * WIDTH ? sigmoid(sum) : tanh(sum);
            }
            for (int i = 0; i < WIDTH; i++) { /* let in, forget, show, change */
                double c = z[WIDTH + i] * kept[t][n][i] + z[i] * z[3 * WIDTH + i];
                kept[t + 1][n][i] = c;
                shown[t][n][i] = tanh(c);
                h[n][i] = z[2 * WIDTH + i] * shown[t][n][i];
            }
            x = h[n];
        }
        for (int i = 0; i < WIDTH; i++) {
            away[t][i] = x[i] - wanted[t * WIDTH + i];
            total += away[t][i] * away[t][i];
        }
    }
    out[0] = total;
    memset(slope, 0, sizeof(double) * LAYERS * SIZE);
    double h_bar[LAYERS][WIDTH] = {{0}}, c_bar[LAYERS][WIDTH] = {{0}};
    for (int t = STEPS - 1; t >= 0; t--) {
        for (int i = 0; i < WIDTH; i++)
            h_bar[LAYERS - 1][i] += 2.0 * away[t][i];
        for (int n = LAYERS - 1; n >= 0; n--) {
            const double *W = in + n * SIZE, *z = gate[t][n];
            double *W_bar = slope + n * SIZE, *b_bar = W_bar + GATES * BOTH;
            double z_bar[GATES], read_bar[BOTH] = {0};
            for (int i = 0; i < WIDTH; i++) {
                double let = z[i], forget = z[WIDTH + i], show = z[2 * WIDTH + i];
                double change = z[3 * WIDTH + i], s = shown[t][n][i], bar = h_bar[n][i];
                double c = c_bar[n][i] + bar * show * (1.0 - s * s);
                z_bar[i] = c * change * let * (1.0 - let);
                z_bar[WIDTH + i] = c * kept[t][n][i] * forget * (1.0 - forget);
                z_bar[2 * WIDTH + i] = bar * s * show * (1.0 - show);
                z_bar[3 * WIDTH + i] = c * let * (1.0 - change * change);
                c_bar[n][i] = c * forget;
            }
            for (int i = 0; i < GATES; i++) {
                b_bar[i] += z_bar[i];
                for (int j = 0; j < BOTH; j++) {
                    W_bar[i * BOTH + j] += z_bar[i] * read[t][n][j];
                    read_bar[j] += z_bar[i] * W[i * BOTH + j];
                }
            }
            for (int i = 0; i < WIDTH; i++) {
                h_bar[n][i] = read_bar[WIDTH + i];
                if (n > 0)
                    h_bar[n - 1][i] += read_bar[i];
            }
        }
    }
}
