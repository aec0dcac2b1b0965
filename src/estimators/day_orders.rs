//! The models of orders in trade time as rows: Hasbrouck, Glosten and Harris, Huang and Stoll, Madhavan and others.

use super::day::Rows;
use super::{
    HORIZON, Hasbrouck, Order, Says, glosten_harris, hasbrouck, madhavan, steps, three_ways, two_ways,
};

pub(super) fn measures(orders: &[Order], shares_per_unit: f64, rows: &mut Rows) {
    for says in Says::ALL {
        of_hasbrouck(orders, says, shares_per_unit, rows);
    }
    of_glosten_harris(orders, shares_per_unit, rows);
    of_huang_stoll(orders, rows);
    of_madhavan(orders, rows);
}

fn of_hasbrouck(orders: &[Order], says: Says, shares_per_unit: f64, rows: &mut Rows) {
    let (name, unit) = match says {
        Says::Sign => ("sign", "bp"),
        Says::Shares => ("shares", "bp_per_share"),
        Says::RootShares => ("root_shares", "bp_per_root_share"),
    };
    let found = hasbrouck(&steps(orders, says, shares_per_unit));
    let n = found.as_ref().map_or(0, |fit| fit.n);
    let impact = found.as_ref().map(|fit| fit.impact(HORIZON));
    rows.value(format!("hasbrouck_impact_{name}_{HORIZON}_orders"), unit, impact, n);
    let share = found.as_ref().and_then(Hasbrouck::information_share);
    rows.value(format!("hasbrouck_information_share_{name}"), "share", share, n);
}

fn of_glosten_harris(orders: &[Order], shares_per_unit: f64, rows: &mut Rows) {
    let found = glosten_harris(orders, shares_per_unit);
    let n = found.map_or(0, |fit| fit.n);
    for (index, unit) in ["usd", "usd_per_share"].into_iter().enumerate() {
        rows.estimate(&format!("glosten_harris_c{index}"), unit, found.map(|fit| fit.c[index]), n);
    }
    for (index, unit) in ["usd", "usd_per_share"].into_iter().enumerate() {
        rows.estimate(&format!("glosten_harris_z{index}"), unit, found.map(|fit| fit.z[index]), n);
    }
    let share = found.and_then(|fit| fit.adverse_share);
    rows.estimate("glosten_harris_adverse_share", "share", share, n);
}

fn of_huang_stoll(orders: &[Order], rows: &mut Rows) {
    let two = two_ways(orders);
    let n = two.map_or(0, |fit| fit.n);
    rows.estimate("huang_stoll_spread", "usd", two.map(|fit| fit.spread_usd), n);
    rows.estimate("huang_stoll_lambda", "share", two.map(|fit| fit.lambda), n);
    let three = three_ways(orders);
    let n = three.map_or(0, |fit| fit.n);
    rows.estimate("huang_stoll_three_spread", "usd", three.map(|fit| fit.spread_usd), n);
    rows.estimate("huang_stoll_three_adverse_share", "share", three.map(|fit| fit.alpha), n);
    rows.estimate("huang_stoll_three_inventory_share", "share", three.map(|fit| fit.beta), n);
    rows.estimate("huang_stoll_three_reversal", "probability", three.map(|fit| fit.pi), n);
}

fn of_madhavan(orders: &[Order], rows: &mut Rows) {
    let found = madhavan(orders);
    let n = found.map_or(0, |fit| fit.n);
    rows.estimate("mrr_theta", "usd", found.map(|fit| fit.theta_usd), n);
    rows.estimate("mrr_phi", "usd", found.map(|fit| fit.phi_usd), n);
    rows.estimate("mrr_rho", "correlation", found.map(|fit| fit.rho), n);
    rows.estimate("mrr_spread", "usd", found.map(|fit| fit.spread_usd), n);
    rows.estimate("mrr_adverse_share", "share", found.and_then(|fit| fit.adverse_share), n);
}
