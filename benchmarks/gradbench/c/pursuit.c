/* Hunters and hunted by Runge and Kutta: what each of the four slopes was computed at is kept, and
   the reverse pass goes back through all steps. */
#define STEPS 100
#define STEP 0.05

void gradient(const double *in, double *out)
{
    double a = in[0], b = in[1], c = in[2], d = in[3], x = in[4], y = in[5];
    double at[STEPS][4][2];
    const double forward[4] = {0.0, STEP / 2, STEP / 2, STEP};
    const double share[4] = {STEP / 6, STEP / 3, STEP / 3, STEP / 6};
    for (int t = 0; t < STEPS; t++) {
        double k = 0.0, l = 0.0, dx = 0.0, dy = 0.0;
        for (int s = 0; s < 4; s++) {
            double u = x + forward[s] * k, v = y + forward[s] * l, uv = u * v;
            at[t][s][0] = u;
            at[t][s][1] = v;
            k = a * u - b * uv;
            l = c * uv - d * v;
            dx += share[s] * k;
            dy += share[s] * l;
        }
        x += dx;
        y += dy;
    }
    double away = x - in[6], off = y - in[7];
    double x_bar = 2.0 * away, y_bar = 2.0 * off, a_bar = 0.0, b_bar = 0.0, c_bar = 0.0, d_bar = 0.0;
    for (int t = STEPS - 1; t >= 0; t--) {
        double k_next = 0.0, l_next = 0.0; /* what the slope after this one adds */
        double x_sum = x_bar, y_sum = y_bar;
        for (int s = 3; s >= 0; s--) {
            double u = at[t][s][0], v = at[t][s][1], uv = u * v;
            double k = share[s] * x_bar + k_next, l = share[s] * y_bar + l_next;
            a_bar += k * u;
            b_bar -= k * uv;
            c_bar += l * uv;
            d_bar -= l * v;
            double uv_bar = c * l - b * k, u_bar = a * k + uv_bar * v, v_bar = uv_bar * u - d * l;
            x_sum += u_bar;
            y_sum += v_bar;
            k_next = forward[s] * u_bar;
            l_next = forward[s] * v_bar;
        }
        x_bar = x_sum;
        y_bar = y_sum;
    }
    out[0] = away * away + off * off;
    out[1] = a_bar, out[2] = b_bar, out[3] = c_bar, out[4] = d_bar, out[5] = x_bar, out[6] = y_bar;
}
