//! Least values found without derivatives, deterministically: what shapes with few parameters need.

const GOLDEN: f64 = 0.618_033_988_749_894_9;

/// Where a function of one variable is least on `low..=high`: the best of `cells + 1` grid points, refined by
/// golden section between its neighbours.
pub fn least_of_one(low: f64, high: f64, cells: u32, of: impl Fn(f64) -> f64) -> f64 {
    let at = |i: u32| low + (high - low) * f64::from(i) / f64::from(cells);
    let values: Vec<f64> = (0..=cells).map(|i| of(at(i))).collect();
    let best = (0..=cells).min_by(|a, b| values[*a as usize].total_cmp(&values[*b as usize])).unwrap_or(0);
    let (mut a, mut d) = (at(best.saturating_sub(1)), at((best + 1).min(cells)));
    let (mut b, mut c) = (d - GOLDEN * (d - a), a + GOLDEN * (d - a));
    let (mut at_b, mut at_c) = (of(b), of(c));
    for _ in 0..60 {
        if at_b <= at_c {
            (d, c, at_c) = (c, b, at_b);
            b = d - GOLDEN * (d - a);
            at_b = of(b);
        } else {
            (a, b, at_b) = (b, c, at_c);
            c = a + GOLDEN * (d - a);
            at_c = of(c);
        }
    }
    // At an edge of the range the grid point itself may be the least.
    let inner = f64::midpoint(a, d);
    if of(inner) <= values[best as usize] { inner } else { at(best) }
}

/// Where a function of three variables is least near `start`: the simplex of Nelder and Mead (1965) with their
/// coefficients 1, 2, 1/2, 1/2, and at most `steps` steps. Infinite values mark where it may not go.
pub fn least_of_three(start: [f64; 3], edge: f64, steps: u32, of: impl Fn([f64; 3]) -> f64) -> [f64; 3] {
    let corner = |i: usize| {
        let mut point = start;
        if i > 0 {
            point[i - 1] += edge;
        }
        (of(point), point)
    };
    let mut simplex: [(f64, [f64; 3]); 4] = std::array::from_fn(corner);
    for _ in 0..steps {
        simplex.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (best, worst) = (simplex[0], simplex[3]);
        if worst.0 - best.0 <= 1e-13 * best.0.abs() {
            break;
        }
        let centre: [f64; 3] =
            std::array::from_fn(|k| simplex[..3].iter().map(|p| p.1[k]).sum::<f64>() / 3.0);
        let along = |t: f64| {
            let point: [f64; 3] = std::array::from_fn(|k| centre[k] + t * (worst.1[k] - centre[k]));
            (of(point), point)
        };
        let reflected = along(-1.0);
        let next = if reflected.0 < best.0 {
            let expanded = along(-2.0);
            if expanded.0 < reflected.0 { expanded } else { reflected }
        } else if reflected.0 < simplex[2].0 {
            reflected
        } else {
            along(if reflected.0 < worst.0 { -0.5 } else { 0.5 })
        };
        if next.0 < worst.0 {
            simplex[3] = next;
            continue;
        }
        for point in &mut simplex[1..] {
            let shrunk: [f64; 3] = std::array::from_fn(|k| f64::midpoint(best.1[k], point.1[k]));
            *point = (of(shrunk), shrunk);
        }
    }
    simplex.iter().min_by(|a, b| a.0.total_cmp(&b.0)).map_or(start, |point| point.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_least_value_is_found_inside_and_at_the_edge() {
        let inside = least_of_one(0.0, 2.0, 10, |x| (x - 0.777).powi(2) + 1.0);
        assert!((inside - 0.777).abs() < 1e-6, "{inside}");
        assert_eq!(least_of_one(0.0, 2.0, 10, |x| -x), 2.0);
    }

    #[test]
    fn a_valley_in_three_dimensions_is_followed() {
        let valley =
            |p: [f64; 3]| 100.0 * (p[1] - p[0] * p[0]).powi(2) + (1.0 - p[0]).powi(2) + (p[2] + 0.5).powi(2);
        let found = least_of_three([-1.0, 1.0, 0.0], 0.3, 600, valley);
        assert!((found[0] - 1.0).abs() + (found[1] - 1.0).abs() + (found[2] + 0.5).abs() < 1e-3, "{found:?}");
    }
}
